import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** How a wire is cut: connections end at once, or go on without a byte getting through. */
export type CutKind = 'drop' | 'silence'

/** What can be cut and mended: a wire, or several as one. */
export interface Cuttable {
  cut(kind: CutKind): void
  mend(late: boolean): void
}

/** A TCP connection point before a server, which can be cut. */
export class Wire {
  readonly #target: number
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #cut: CutKind | undefined

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
  }

  static async to(target: number): Promise<Wire> {
    const wire = new Wire(target)
    await new Promise<void>((resolve, reject) => {
      wire.#server.once('error', reject)
      wire.#server.listen(0, '127.0.0.1', resolve)
    })
    return wire
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(kind: CutKind): void {
    this.#cut = kind
    for (const pair of this.#pairs) {
      if (kind === 'drop') this.#end(pair)
      else for (const it of pair) it.pause()
    }
  }

  /** `late`: what was sent into the silence arrives now; else it is lost with its connections. */
  mend(late: boolean): void {
    const silent = this.#cut === 'silence'
    this.#cut = undefined
    if (!silent) return
    for (const pair of this.#pairs) {
      if (late) this.#join(pair)
      else this.#end(pair)
    }
  }

  close(): void {
    this.#server.close()
    for (const pair of this.#pairs) this.#end(pair)
  }

  #accept(socket: Socket): void {
    if (this.#cut === 'drop') return void socket.destroy()
    const pair = [socket, connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true })] as const
    this.#pairs.add(pair)
    for (const it of pair) {
      it.setNoDelay(true)
      it.on('error', () => this.#end(pair))
      it.on('close', () => this.#end(pair))
    }
    const [near, far] = pair
    pass(near, far)
    pass(far, near)
    if (this.#cut === 'silence') for (const it of pair) it.pause()
  }

  #join(pair: readonly [Socket, Socket]): void {
    for (const it of pair) it.resume()
  }

  #end(pair: readonly [Socket, Socket]): void {
    this.#pairs.delete(pair)
    for (const it of pair) it.destroy()
  }
}

// Not `pipe`, which would resume what is paused here.
function pass(from: Socket, to: Socket): void {
  from.on('data', (bytes) => {
    if (!to.write(bytes)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  })
  from.on('end', () => to.end())
}
