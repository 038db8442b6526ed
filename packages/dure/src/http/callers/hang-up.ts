import type { Socket } from 'node:net'

const waiting = Symbol('dure.waiting')

type Watched = Socket & { [waiting]?: Set<AbortController> }

/**
 * Tells when the caller of a request goes away. One listener for each connection, not for each request: connections are kept
 * open, and serve thousands.
 */
export function waitingOn(socket: Socket): AbortController {
  const watched = socket as Watched
  const over = new AbortController()
  const all = (watched[waiting] ??= watch(watched))
  all.add(over)
  // A request that was read from a connection that is gone by now.
  if (socket.destroyed) over.abort()
  return over
}

/** The request is answered; who goes away now has not gone too early. */
export function answered(socket: Socket, request: AbortController): void {
  ;(socket as Watched)[waiting]?.delete(request)
}

function watch(socket: Socket): Set<AbortController> {
  const all = new Set<AbortController>()
  socket.once('close', () => {
    for (const it of all) it.abort()
  })
  return all
}
