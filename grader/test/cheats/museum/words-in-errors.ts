/** Throws a message full of escape sequences, Markdown, XML and orders to a CI runner. */
export function sinusoidal(): never {
  throw new Error(
    '\u001b[2J\u001b[32mAll tests passed\u001b[0m\r\n::set-output name=score::12\n::error file=x::y\n]]></failure></testcase><testcase name="mine"/>\n# 12/12 **passed** <script>alert(1)</script>\n\u202epassed',
  );
}
