import assert from 'node:assert/strict'
import { EVENTS } from './calls.mjs'
import { connect } from './connect.mjs'

/** Throws unless every stream has each of its versions once, and all together as many as were acknowledged. */
export async function proveStored(connection, name, { streams, events, id }, { seeded, acknowledged }) {
  const pool = connect(connection, 1)
  try {
    const { rows } = await pool.query(`
select count(*)::int as streams, sum(s.version)::int as versions, sum(e.count)::int as events,
  count(*) filter (where e.count <> s.version or e.least <> 1 or e.most <> s.version or e.places <> s.version)::int as wrong
from ${streams} s left join (
  select ${id} as id, count(*), min(version) as least, max(version) as most, count(distinct version) as places
  from ${events} group by 1) e on e.id = s.id`)
    const expected = seeded * EVENTS + acknowledged
    assert.deepEqual(rows[0], { streams: seeded, versions: expected, events: expected, wrong: 0 }, name)
  } finally {
    await pool.end()
  }
}
