import type { HeldLease, NamedLease } from '../../ports/leases.ts'
import type { Runner } from './session.ts'
import { type Statement, statement } from './statement.ts'

/**
 * Leases by the clock of the server, each call one statement. `clock_timestamp`, not `now`: a statement that waited for
 * another holder's must not believe the time from before.
 */
export class LeaseTable {
  readonly #take: Statement<[number: string]>
  readonly #drop: Statement<[]>
  readonly #read: Statement<[holder: string, number: string, leftMs: string]>
  readonly #readAll: Statement<[name: string, holder: string, number: string, leftMs: string]>

  constructor(s: string) {
    const until = `clock_timestamp() + $3::float8 * interval '1 millisecond'`
    this.#take = statement(`
insert into ${s}.leases as l (name, holder, number, until) values ($1, $2, 1, ${until})
on conflict (name) do update set
  holder = excluded.holder,
  number = l.number + case when l.holder = excluded.holder then 0 else 1 end,
  until = ${until}
where l.holder = excluded.holder or l.until <= clock_timestamp()
returning number`)
    // The row stays, and its number with it, so that the next holder has a higher one.
    this.#drop = statement(`update ${s}.leases set until = '-infinity' where name = $1 and holder = $2`)
    this.#read = statement(`
select holder, number, extract(epoch from until - clock_timestamp()) * 1000
from ${s}.leases where name = $1 and until > clock_timestamp()`)
    this.#readAll = statement(`
select name, holder, number, extract(epoch from until - clock_timestamp()) * 1000
from ${s}.leases where starts_with(name, $1) and until > clock_timestamp() order by name`)
  }

  async take(runner: Runner, name: string, holder: string, forMs: number): Promise<number | undefined> {
    const [row] = await runner.run(this.#take, [name, holder, forMs])
    return row === undefined ? undefined : Number(row[0])
  }

  async drop(runner: Runner, name: string, holder: string): Promise<void> {
    await runner.run(this.#drop, [name, holder])
  }

  async read(runner: Runner, name: string): Promise<HeldLease | undefined> {
    const [row] = await runner.run(this.#read, [name])
    return row && { holder: row[0], number: Number(row[1]), leftMs: Math.max(0, Number(row[2])) }
  }

  async readAll(runner: Runner, prefix: string): Promise<readonly NamedLease[]> {
    const rows = await runner.run(this.#readAll, [prefix])
    return rows.map(([name, holder, number, leftMs]) => ({
      name,
      holder,
      number: Number(number),
      leftMs: Math.max(0, Number(leftMs)),
    }))
  }
}
