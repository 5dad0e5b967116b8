/** A dataset of the Hub as `ladder data add` asks for it. */
import { askingFor } from './asking.ts';
import { type HubRepo, openHubRepo } from './hub-client.ts';
import type { HubName } from './hub-name.ts';

export interface HubDataset extends HubRepo {
  readonly asked: HubName;
  /** The part of the card that says which files are which subset, unchecked. */
  readonly configs: unknown;
}

/** Finds the commit behind the revision that was asked for. Throws UsageError as openHubRepo does. */
export async function openDataset(asked: HubName): Promise<HubDataset> {
  const { name, repo, revision } = asked;
  const opened = await openHubRepo({
    kind: 'dataset',
    repo,
    ...(revision !== undefined && { revision }),
    asking: askingFor(name),
    command: `ladder data add hf:${repo}`,
  });
  return { ...opened, asked, configs: opened.card.configs };
}
