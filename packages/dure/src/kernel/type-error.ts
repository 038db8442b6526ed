/** What a misuse turns into at compile time: a sentence in place of a bare `never`. */
export interface Refused<Sentence extends string> {
  readonly 'dure says': Sentence
}
