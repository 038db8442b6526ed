import type { Http } from '../../http/index.ts'
import { systemWorld } from '../../host/system-world.ts'

/** What of the budget is left to the rest when requests do not end. */
const REST = 0.2
const MOST_REST_MS = 5000

/**
 * Takes the server out of service: not ready first, for as long as load balancers need to see it, then no new connections,
 * and what is in flight is answered. Resolves to what had to be cut off, in words.
 */
export async function drain(http: Http, delayMs: number, leftMs: number): Promise<string | void> {
  http.leave()
  const rest = Math.min(MOST_REST_MS, leftMs * REST)
  const delay = Math.min(delayMs, leftMs - rest)
  if (delay > 0) await new Promise<void>((resolve) => void systemWorld.after(delay, resolve, true))
  const cut = await http.close(Math.max(0, leftMs - rest - delay))
  if (cut > 0) return `${cut} request${cut === 1 ? '' : 's'} in flight`
}
