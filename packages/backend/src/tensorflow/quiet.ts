/**
 * TensorFlow prints a paragraph about oneDNN while it loads, before any switch of its own is read. This small binding of ours holds the
 * process's stderr back during that moment and hands over what was written, so that everything but that notice is printed after all.
 */
import { existsSync } from 'node:fs';

/** The C++ of it, compiled beside the TensorFlow binding. */
export const QUIET_SOURCE = `#include <node_api.h>
#include <stdio.h>
#include <unistd.h>
#include <string>

static int saved = -1;
static FILE* held = nullptr;

static napi_value Hold(napi_env, napi_callback_info) {
  if (saved >= 0 || !(held = tmpfile())) return nullptr;
  fflush(stderr);
  saved = dup(2);
  dup2(fileno(held), 2);
  return nullptr;
}

static napi_value Release(napi_env env, napi_callback_info) {
  std::string text;
  if (saved >= 0) {
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    saved = -1;
    rewind(held);
    char buffer[4096];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, held)) > 0;) text.append(buffer, n);
    fclose(held);
  }
  napi_value result;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value hold, release;
  napi_create_function(env, "hold", NAPI_AUTO_LENGTH, Hold, nullptr, &hold);
  napi_set_named_property(env, exports, "hold", hold);
  napi_create_function(env, "release", NAPI_AUTO_LENGTH, Release, nullptr, &release);
  napi_set_named_property(env, exports, "release", release);
  return exports;
}
`;

/** Runs `load` with stderr held back; then prints what was written there, less the notices. */
export function quietly<T>(file: string, require: NodeJS.Require, load: () => T): T {
  if (!existsSync(file)) return load();
  const { hold, release } = require(file) as { hold(): void; release(): string };
  hold();
  try {
    return load();
  } finally {
    const rest = withoutNotices(release());
    if (rest !== '') process.stderr.write(rest);
  }
}

/** Drops absl's information lines (I0000 ...) and the line that announces them. */
export function withoutNotices(text: string): string {
  const lines = text.split('\n').filter((line) => !/^I\d{4} |^WARNING: All log messages before absl::InitializeLog\(\)/.test(line));
  return lines.join('\n');
}
