import type { Keeper } from '../app/aggregates/keeper.ts'
import type { World } from '../kernel/world.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { StreamStanding } from '../ports/state-store.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import { valuesOfRules } from '../persistence/fingerprint.ts'
import { tableText } from '../persistence/mapping/table-names.ts'
import type { ContextStore } from '../ports/store.ts'
import { adoptRows } from './adopt-rows.ts'
import { fillClaims, settleClashes, type Clash } from './fill-claims.ts'
import { fillRow } from './fill-rows.ts'
import { changeMark, type Mark } from './marks.ts'
import { verifyRows } from './verify.ts'
import { walk, type Progress } from './walk.ts'

/** A change of the data of one aggregate, made while the system runs. Interrupted, it goes on where it was. */
export interface DataStep {
  readonly kind: 'adopt' | 'fill' | 'unique' | 'verify' | 'confirm' | 'free'
  readonly aggregate: string
  /** What it does, in a few words. */
  readonly what: string
  /** A release must not start before it is made. Others do good at any time: what they are for is right without them. */
  readonly urgent: boolean
  /** To be made once no older release runs. */
  readonly last: boolean
  /** How the aggregate is kept in the store that `run` is given. */
  readonly as: Keeper
  /** `alone`: no older release runs. */
  run(store: ContextStore, onProgress: (progress: Progress) => void, alone: boolean): Promise<void>
}

/** What a step needs to know. */
interface Circumstances {
  readonly world: World
  readonly keeper: Keeper
  readonly mark: Mark
  /** The aggregate as it was kept before, where tables are left behind that this program can read. */
  readonly former: Keeper | undefined
  /** Somebody else's table has rows whose history has not begun. */
  readonly unkept: boolean
}

const shapesKept = 8

/** The steps between the data of an aggregate as its mark says it is, and as it is to be kept. */
export function dataSteps(it: Circumstances): readonly DataStep[] {
  const { keeper, mark } = it
  const { way, kept, adopt: adopts } = keeper.keeping
  const { shapes = [], doubtful = [], unique: rules = {} } = mark
  const known = shapes.includes(kept.shape)
  const current = mark.way === 'state' && shapes[0] === kept.shape
  const over = valuesOfRules(keeper.aggregate)
  const gone = Object.keys(rules).filter((it) => !Object.hasOwn(over, it))
  const taken = sameJson(sameOf(rules, over), over)
  return [
    ...(adopts !== undefined && (mark.way !== 'state' || it.unkept) ? [adopt(it, !known)] : []),
    ...(way === 'state' && !current ? [fill(it, !known)] : []),
    ...(way === 'events' && mark.way === 'state' ? [leave(it)] : []),
    ...(taken ? [] : [unique(it)]),
    ...(taken && doubtful.some((rule) => Object.hasOwn(over, rule)) ? [confirm(it)] : []),
    ...(gone.length > 0 ? [free(it, gone)] : []),
  ]
}

/** The rules in force that a program does not know, and therefore writes past. */
export function writtenPast({ aggregate }: Keeper, { unique = {}, doubtful = [] }: Mark): readonly string[] {
  const own = valuesOfRules(aggregate)
  return Object.keys(unique).filter((it) => !Object.hasOwn(own, it) && !doubtful.includes(it))
}

function adopt({ keeper, world }: Circumstances, urgent: boolean): DataStep {
  const aggregate = keeper.aggregate.name
  return {
    kind: 'adopt',
    aggregate,
    urgent,
    last: false,
    as: keeper,
    what: `begin the history of each ${aggregate} that stands in ${tableOf(keeper)} without one`,
    run: (store, onProgress) => adoptRows(store, keeper, world, onProgress),
  }
}

function fill(it: Circumstances, urgent: boolean): DataStep {
  const { keeper, world } = it
  const aggregate = keeper.aggregate.name
  const { shape } = keeper.keeping.kept
  return {
    kind: 'fill',
    aggregate,
    urgent,
    last: false,
    as: keeper,
    what: `fill ${tableOf(keeper)} with every ${aggregate}`,
    async run(store, onProgress) {
      await walked(it, `fill ${shape}`, store, (standing) => fillRow(store, keeper, standing), onProgress)
      const { revision, mapping: { naming } = {} } = keeper.keeping
      const mapping = revision === 0 ? naming : { ...naming, revision }
      await changeMark(store, world, aggregate, (mark) => ({
        ...mark,
        way: 'state',
        shapes: [shape, ...(mark.shapes ?? []).filter((each) => each !== shape)].slice(0, shapesKept),
        ...(mapping && { mapping }),
      }))
    },
  }
}

function unique(it: Circumstances): DataStep {
  const { keeper, world } = it
  const aggregate = keeper.aggregate.name
  const over = valuesOfRules(keeper.aggregate)
  return {
    kind: 'unique',
    aggregate,
    urgent: true,
    last: false,
    as: keeper,
    what: `take the unique values of every ${aggregate} (${Object.keys(over).join(', ')})`,
    async run(store, onProgress, alone) {
      // What changes is not in force from here on, also for a release that is started again after an interruption.
      const added = Object.keys(over).filter((rule) => it.mark.unique?.[rule] !== over[rule])
      await changeMark(store, world, aggregate, ({ unique: rules = {}, ...mark }) => ({
        ...mark,
        unique: Object.fromEntries(Object.entries(rules).filter(([rule]) => !added.includes(rule))),
      }))
      await takeAll(store, keeper, onProgress)
      await changeMark(store, world, aggregate, ({ unique: rules = {}, doubtful = [], ...mark }) => ({
        ...mark,
        unique: { ...rules, ...over },
        doubtful: alone ? doubtful : [...new Set([...doubtful, ...added])],
      }))
    },
  }
}

/** Looks through all again: a release that does not know the rules may have written past them. */
function confirm({ keeper, world }: Circumstances): DataStep {
  const aggregate = keeper.aggregate.name
  const own = Object.keys(valuesOfRules(keeper.aggregate))
  return {
    kind: 'confirm',
    aggregate,
    urgent: false,
    last: true,
    as: keeper,
    what: `take the unique values of every ${aggregate} that an older release has written past (${own.join(', ')})`,
    async run(store, onProgress) {
      await takeAll(store, keeper, onProgress)
      await changeMark(store, world, aggregate, ({ doubtful = [], ...mark }) => ({
        ...mark,
        doubtful: doubtful.filter((rule) => !own.includes(rule)),
      }))
    },
  }
}

/** The values of rules that are gone. As long as an older release runs, they are in force for it. */
function free({ keeper, world }: Circumstances, gone: readonly string[]): DataStep {
  const aggregate = keeper.aggregate.name
  return {
    kind: 'free',
    aggregate,
    urgent: false,
    last: true,
    as: keeper,
    what: `free the unique values of every ${aggregate} (${gone.join(', ')})`,
    async run(store, onProgress) {
      await changeMark(store, world, aggregate, ({ unique: rules = {}, doubtful = [], ...mark }) => ({
        ...mark,
        unique: Object.fromEntries(Object.entries(rules).filter(([rule]) => !gone.includes(rule))),
        doubtful: doubtful.filter((rule) => !gone.includes(rule)),
      }))
      await takeAll(store, keeper, onProgress)
    },
  }
}

/** Makes the claims of every stream those of its state. @throws DURE_UNIQUE_VIOLATED */
async function takeAll(
  store: ContextStore,
  keeper: Keeper,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const clashes: Clash[] = []
  const one = async ({ stream }: StreamStanding): Promise<void> => {
    const clash = await fillClaims(store, keeper, stream)
    if (clash !== undefined) clashes.push(clash)
  }
  // From the beginning each time: what clashed before an interruption is known only by asking again.
  await walk(store, keeper.aggregate.name, undefined, one, async (progress) => onProgress(progress))
  await settleClashes(store, keeper, clashes)
}

function sameOf(rules: JsonObject = {}, others: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(rules).filter(([name, value]) => others[name] === value))
}

/** Before the rows are left behind: what they show must be what the events lead to, or it would be lost. */
function leave({ keeper, world, former }: Circumstances): DataStep {
  const aggregate = keeper.aggregate.name
  return {
    kind: 'verify',
    aggregate,
    urgent: true,
    last: false,
    as: former ?? keeper,
    what:
      former === undefined
        ? `leave the tables of ${aggregate} behind, which this release cannot read`
        : `compare every ${aggregate} with its events, before its tables are left behind`,
    async run(store, onProgress) {
      const found = former === undefined ? [] : (await verifyRows(store, former, { onProgress })).differences
      const lost = found.filter((it) => it.ended !== true)
      if (lost.length > 0) {
        const ids = lost.slice(0, 5).map((it) => it.stream.id)
        throw fault('DURE_STATE_DIFFERS', { aggregate, ids, count: lost.length })
      }
      await changeMark(store, world, aggregate, (mark) => ({ ...mark, way: 'events' }))
    },
  }
}

/** A walk that goes on after an interruption. */
async function walked(
  { keeper, world, mark }: Circumstances,
  step: string,
  store: ContextStore,
  one: (standing: StreamStanding) => Promise<void>,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const aggregate = keeper.aggregate.name
  const put = (at: Progress['at'] | undefined): Promise<void> =>
    changeMark(store, world, aggregate, ({ under = {}, ...rest }) => {
      const { [step]: _, ...others } = under
      return { ...rest, under: at === undefined ? others : { ...others, [step]: at } }
    })
  await walk(store, aggregate, mark.under?.[step], one, async (progress) => {
    await put(progress.at)
    onProgress(progress)
  })
  await put(undefined)
}

function tableOf({ keeping }: Keeper): string {
  return keeping.mapping === undefined ? '' : tableText(keeping.mapping.tables.root)
}
