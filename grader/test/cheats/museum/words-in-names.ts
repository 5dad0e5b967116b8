/** Exports and errors whose names are escape sequences and orders to a CI runner. */
const made = () => 0;

export { made as '\u001b[2Jsinusoidal', made as '::error::x', made as '<failure/>' };
