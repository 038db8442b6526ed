import { expect, it } from 'vitest'
import * as z from 'zod'
import { aggregate, context, contract, event, optional, system, type Id } from 'dure'
import { createHost, systemWorld, type Host } from 'dure/host'
import { asState } from 'dure/persistence'
import type { Storage } from 'dure/ports'
import { migrationOf } from '../../src/migration/migration.ts'
import { eachStore } from '../fixtures/each-way.ts'
import { codeOf, keptOpen } from '../fixtures/running.ts'

const Joined = event('Joined', { mail: z.string() })
const Changed = event('Changed', { mail: z.string() })
const Noted = event('Noted', { note: z.string() })

// The release before knows no note and no rule.
const before = aggregate('Member', { state: { mail: z.string() }, events: { Joined, Changed } })
  .starts({ Joined: (e) => e })
  .evolves({ Changed: (_, e) => e })
  .factory('join', { mail: z.string() }, (input, { emit }) => emit.Joined(input))
  .command('change', { mail: z.string() }, (_, input, { emit }) => emit.Changed(input))
const now = aggregate('Member', {
  state: { mail: z.string(), note: optional(z.string()) },
  events: { Joined, Changed, Noted },
  rejections: { MailTaken: {} },
})
  .starts({ Joined: (e) => e })
  .evolves({ Changed: (it, e) => ({ ...it, ...e }), Noted: (it, e) => ({ ...it, ...e }) })
  .unique('MailTaken', (it) => it.mail)
  .factory('join', { mail: z.string() }, (input, { emit }) => emit.Joined(input))
  .command('change', { mail: z.string() }, (_, input, { emit }) => emit.Changed(input))

const Club = contract('Club', {})
const club = (it: typeof before | typeof now) =>
  system('Club', { contexts: [context(Club, [it as typeof now]).implements({})] })
const start = (it: typeof before | typeof now, storage: Storage, migrations: 'apply' | 'refuse') =>
  createHost(club(it), { storage, migrations, persistence: [asState(it as typeof now)] })
const migrate = (it: typeof before | typeof now, storage: Storage, contract = false) =>
  migrationOf(club(it), [asState(it as typeof now)], storage, systemWorld).apply({ contract })
const plan = async (it: typeof before | typeof now, storage: Storage) =>
  (await migrationOf(club(it), [asState(it as typeof now)], storage, systemWorld).plan()).map(
    ({ kind }) => kind,
  )

async function join(host: Host, it: typeof before | typeof now, mail: string): Promise<Id<'Member'>> {
  const all = host.repository(it as typeof now, { actor: 'x' })
  const made = all.create.join({ mail })
  if (!made.ok) throw new Error('rejected')
  await all.save(made.next)
  return made.next.id
}

eachStore('a release beside the one before, in production', (_, open) => {
  it('either can be started again, before and after the other', async () => {
    const storage = keptOpen(open())
    await migrate(before, storage)
    const old = await start(before, storage, 'refuse')
    const id = await join(old, before, 'a@x.kr')
    expect(await codeOf(start(now, storage, 'refuse'))).toBe('DURE_STORE_UNMIGRATED')
    await migrate(now, storage)
    const fresh = await start(now, storage, 'refuse')
    await old.close()
    const again = await start(before, storage, 'refuse')
    await join(again, before, 'b@x.kr')
    expect(await fresh.repository(now, { actor: 'x' }).load(id)).toMatchObject({ state: { mail: 'a@x.kr' } })
    await fresh.close()
    const last = await start(now, storage, 'refuse')
    await last.close()
    await again.close()
  })

  it('a value that the older one writes past a rule is found once it is gone', async () => {
    const storage = keptOpen(open())
    await migrate(before, storage)
    const old = await start(before, storage, 'refuse')
    await join(old, before, 'a@x.kr')
    await migrate(now, storage)
    const fresh = await start(now, storage, 'refuse')
    expect(await codeOf(join(fresh, now, 'a@x.kr'))).toBe('DURE_UNIQUE_TAKEN')
    const past = await join(old, before, 'b@x.kr')
    await old.close()
    expect(await plan(now, storage)).toEqual(['confirm'])
    await migrate(now, storage)
    expect(await plan(now, storage)).toEqual(['confirm'])
    await migrate(now, storage, true)
    expect(await plan(now, storage)).toEqual([])
    expect(await codeOf(join(fresh, now, 'b@x.kr'))).toBe('DURE_UNIQUE_TAKEN')
    expect(await fresh.repository(now, { actor: 'x' }).load(past)).toMatchObject({ version: 1 })
    await fresh.close()
  })

  it('starting the older one frees no value; that is for when the newer one is given up', async () => {
    const storage = keptOpen(open())
    await migrate(before, storage)
    await migrate(now, storage)
    const fresh = await start(now, storage, 'refuse')
    await join(fresh, now, 'a@x.kr')
    for (const migrations of ['refuse', 'apply'] as const) {
      const old = await start(before, storage, migrations)
      await join(old, before, `${migrations}@x.kr`)
      expect(await codeOf(join(fresh, now, 'a@x.kr'))).toBe('DURE_UNIQUE_TAKEN')
      await old.close()
    }
    expect(await plan(now, storage)).toContain('confirm')
    await migrate(now, storage, true)
    for (const mail of ['refuse@x.kr', 'apply@x.kr']) {
      expect(await codeOf(join(fresh, now, mail))).toBe('DURE_UNIQUE_TAKEN')
    }
    await fresh.close()
    await migrate(before, storage, true)
    const old = await start(before, storage, 'refuse')
    await join(old, before, 'a@x.kr')
    await old.close()
    expect(await codeOf(migrate(now, storage))).toBe('DURE_UNIQUE_VIOLATED')
  })
})
