import type { JsonObject } from '../../../kernel/json.ts'
import type { CommitOutcome, StoredReply, StreamId } from '../../../ports/event-store.ts'
import { insertReply } from './append-statements.ts'
import type { Runner } from '../session.ts'
import { type Statement, statement } from '../statement.ts'

/** Answers to commands with an idempotency key. */
export class Replies {
  readonly #find: Statement<[request: string, reply: string]>
  readonly #keep: Statement<[]>

  constructor(schema: string) {
    this.#find = statement(
      `select request, reply from ${schema}.replies where tenant = $1 and key = $2 limit 1`,
    )
    this.#keep = statement(insertReply(schema, 1))
  }

  async find(runner: Runner, tenant: string, key: string): Promise<StoredReply | undefined> {
    const [found] = await runner.run(this.#find, [tenant, key])
    return found && { tenant, key, request: found[0], reply: JSON.parse(found[1]) as JsonObject }
  }

  /** Why a commit was not stored whose statement found the key taken or the stream elsewhere. */
  async lost(runner: Runner, reply: StoredReply | undefined, stream: StreamId): Promise<CommitOutcome> {
    const taken = reply && (await this.find(runner, reply.tenant, reply.key))
    return taken === undefined ? { ok: false, reason: 'version', stream } : { ok: false, reason: 'key' }
  }

  /** Takes `replyValues`. A key that is taken this week is a unique violation; one taken before is for the caller to look for. */
  async keep(runner: Runner, values: unknown[]): Promise<void> {
    await runner.run(this.#keep, values)
  }
}
