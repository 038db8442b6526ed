import { setTimeout as pause } from 'node:timers/promises'
import { isDureError, type Id } from 'dure'
import type { Host } from 'dure/host'
import type { Http } from 'dure/http'
import type pg from 'pg'
import { Order, Orders, type Note } from '../model/orders.ts'

/** Marks of what was done in transactions of one's own, in the database of Orders. */
export const doneTable = `create schema if not exists chaos;
create table if not exists chaos.done (mark text primary key, version int not null)`

interface SlowLine {
  readonly id: Id<'Order'>
  readonly mark: string
  readonly amount: number
  readonly note: Note
  readonly openMs: number
}

/**
 * A line added in a transaction of one's own that stays open for a while after the position of its event was drawn, beside
 * a row that makes it idempotent: what a reader of the log must wait for.
 */
export function serveSlowLines(http: Http, host: Host, pool: pg.Pool): void {
  http.server.post('/slow-line', async (request, reply) => {
    const { id, openMs, ...line } = request.body as SlowLine
    const client = await pool.connect().catch(() => undefined)
    if (client === undefined) return reply.code(503).send({ code: 'CHAOS_NO_CONNECTION' })
    client.on('error', ignore)
    let broken = true
    try {
      await client.query('begin')
      const found = await client.query<{ version: number }>(
        'insert into chaos.done (mark, version) values ($1, 0) on conflict do nothing returning mark',
        [line.mark],
      )
      if (found.rows.length === 0) {
        await client.query('rollback')
        broken = false
        const { rows } = await client.query<{ version: number }>(
          'select version from chaos.done where mark = $1',
          [line.mark],
        )
        return { id, version: rows[0]?.version }
      }
      const joined = host.within(Orders, { actor: 'slow' }, client)
      const orders = joined.repository(Order)
      const decided = (await orders.load(id)).addLine(line)
      if (!decided.ok) return await reply.code(422).send(decided)
      await orders.save(decided.next)
      const { version } = decided.next
      await client.query('update chaos.done set version = $2 where mark = $1', [line.mark, version])
      await pause(openMs)
      await client.query('commit')
      joined.committed()
      broken = false
      return { id, version }
    } catch (error) {
      const code = isDureError(error) ? error.code : 'CHAOS_SQL'
      const status = code === 'DURE_AGGREGATE_NOT_FOUND' ? 404 : 503
      return await reply.code(status).send({ code, detail: String(error) })
    } finally {
      client.off('error', ignore)
      client.release(broken)
    }
  })
}

function ignore(): void {}
