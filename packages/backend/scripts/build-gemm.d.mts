export const generatedFile: string;
export function buildGemm(): Promise<string>;
