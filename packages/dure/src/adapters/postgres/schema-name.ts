import { fault } from '../../kernel/errors/fault.ts'
import { checkContextName } from '../../ports/storable.ts'

const MAX_IDENTIFIER_BYTES = 63

/**
 * The schema of a context: `OrderManagement` and `Order-Management` live in `order_management`. That two contexts may
 * want the same one is met when it is opened: a schema knows its context.
 */
export function schemaName(context: string, prefix = ''): string {
  checkContextName(context)
  if (!/^[\p{L}\p{N}_]*$/u.test(prefix)) {
    const reason = `schemaPrefix is ${JSON.stringify(prefix)}; it may hold letters, digits and _`
    throw fault('DURE_STORE_CONTEXT_INVALID', { context, reason })
  }
  const snake = context
    .normalize('NFC')
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
  const schema = `${prefix}${snake}`
  if (Buffer.byteLength(schema) > MAX_IDENTIFIER_BYTES) {
    const reason = `its schema ${schema} would be longer than ${MAX_IDENTIFIER_BYTES} bytes`
    throw fault('DURE_STORE_CONTEXT_INVALID', { context, reason })
  }
  if (schema.startsWith('pg_')) {
    const reason = 'PostgreSQL keeps schemas that begin with pg_ for itself; set schemaPrefix'
    throw fault('DURE_STORE_CONTEXT_INVALID', { context, reason })
  }
  return schema
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
