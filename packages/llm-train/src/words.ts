/** Text in both languages of the course. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}
