import { raw } from '../../servers/postgres.mjs'

/**
 * Reads a log in order of position while others append to it, and loses nothing: a row right after the last one needs no
 * proof; at a hole it waits until none of the transactions is left that may still fill it. Every INSERT holds
 * RowExclusiveLock from before it draws a position, so pg_locks names them.
 */
export class SettledLog {
  #pool
  #page
  #probe
  #settled
  #pending

  constructor(pool, schema, after = 0) {
    this.#pool = pool
    this.mark = after
    this.#settled = after
    this.#page = prepared(
      'page',
      `select position, stream_id, version, slice, type, data, actor, command, correlation, at
from ${schema}.events where position > $1 order by position limit $2`,
    )
    this.#probe = prepared(
      'probe',
      `select case when s.is_called then s.last_value else 0 end,
  (select coalesce(json_agg(distinct l.virtualtransaction || ':' || l.pid), '[]') from pg_locks l
   where l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.granted
     and l.database = (select oid from pg_database where datname = current_database())
     and l.relation = '${schema}.events'::regclass)
from ${schema}.events_position_seq s`,
    )
  }

  /** The next rows, as arrays of text; none if nothing more is settled. */
  async next(limit) {
    for (;;) {
      const { rows } = await this.#pool.query({ ...this.#page, values: [this.mark, limit] })
      const taken = this.#take(rows, limit)
      if (taken.length > 0) return taken
      if (!(await this.#settle(rows.length > 0 ? 2 : 1))) return []
    }
  }

  #take(rows, limit) {
    let count = 0
    for (const [text] of rows) {
      const position = Number(text)
      if (position !== this.mark + 1 && position > this.#settled) break
      this.mark = position
      count++
    }
    if (count < limit) this.mark = Math.max(this.mark, this.#settled)
    return count === rows.length ? rows : rows.slice(0, count)
  }

  async #settle(looks) {
    for (let look = 0; look < looks; look++) {
      const { rows } = await this.#pool.query(this.#probe)
      const [last, holders] = [Number(rows[0][0]), JSON.parse(rows[0][1])]
      if (this.#pending === undefined || this.#pending.last <= this.mark) {
        this.#pending = last > this.mark ? { last } : undefined
        if (this.#pending === undefined) return false
        continue
      }
      const { holders: before } = this.#pending
      const left = before === undefined ? holders : holders.filter((it) => before.includes(it))
      if (left.length === 0) {
        this.#settled = this.#pending.last
        this.#pending = undefined
        return true
      }
      this.#pending.holders = left
    }
    return false
  }
}

const prepared = (name, text) => ({ name, text, rowMode: 'array', types: raw })
