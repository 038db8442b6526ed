/** Calls back every so often, until it answers false; then not before it is asked again. Keeps no process alive. */
export class Beat {
  readonly #everyMs: number
  readonly #run: () => boolean
  #beating = false

  constructor(everyMs: number, run: () => boolean) {
    this.#everyMs = everyMs
    this.#run = run
  }

  start(): void {
    if (this.#beating) return
    this.#beating = true
    setTimeout(() => {
      this.#beating = false
      if (this.#run()) this.start()
    }, this.#everyMs).unref()
  }
}
