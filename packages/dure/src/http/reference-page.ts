import type { Json, JsonObject } from '../kernel/json.ts'
import { exampleOf } from './example.ts'
import type { OpenApi, Operation } from './openapi/openapi.ts'
import { pageStyle } from './page-style.ts'

/** The document for people: one HTML page without script, font or picture, so that it needs no other host. */
export function referencePage(document: OpenApi, base: string): string {
  const operations = Object.entries(document.paths).flatMap(([path, it]) =>
    Object.entries(it).map(([method, operation]) => ({ path, method, operation })),
  )
  const nav = document.tags.map((tag) => `<a href="#${escape(tag.name)}">${escape(tag.name)}</a>`).join(' ')
  const sections = document.tags.map((tag) => {
    const own = operations.filter((it) => it.operation.tags.includes(tag.name))
    const list = own.map((it) => operationHtml(document, base, it.method, it.path, it.operation)).join('')
    return `<section id="${escape(tag.name)}"><h2>${escape(tag.name)}</h2><p>${escape(tag.description)}</p>${list}</section>`
  })
  const { title, version } = document.info
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>${pageStyle}</style></head><body><header><h1>${escape(title)} <small>${escape(version)}</small></h1>
<nav>${nav} <a href="#schemas">Schemas</a> <a href="openapi.json">openapi.json</a></nav></header><main>
${sections.join('\n')}${schemasHtml(document)}</main></body></html>`
}

function operationHtml(document: OpenApi, base: string, method: string, path: string, it: Operation): string {
  const parameters = it.parameters.map((one) => parameterHtml(resolve(document, one))).join('')
  const body = schemaIn(it.requestBody)
  const responses = Object.entries(it.responses).map(([status, one]) => responseHtml(document, status, one))
  return `<details id="${escape(it.operationId)}"><summary><b class="${method}">${method.toUpperCase()}</b>
<code>${escape(path)}</code> <span>${escape(it.summary)}</span></summary>
${it.description === undefined ? '' : `<p>${escape(it.description)}</p>`}<pre>${escape(curl(document, base, method, path, it))}</pre>
${parameters && `<h4>Parameters</h4><dl>${parameters}</dl>`}
${body === undefined ? '' : `<h4>Body</h4>${schemaHtml(body)}`}
<h4>Answers</h4><dl>${responses.join('')}</dl></details>`
}

function parameterHtml(it: JsonObject): string {
  const { name, description = '', required = false } = it
  const where = `${it['in'] as string}${required === true ? ', required' : ''}`
  return `<dt><code>${escape(name ?? '')}</code> <small>${escape(where)}</small></dt>
<dd>${escape(description)} ${schemaHtml((it['schema'] ?? schemaIn(it) ?? {}) as JsonObject)}</dd>`
}

function responseHtml(document: OpenApi, status: string, reference: JsonObject): string {
  const it = resolve(document, reference)
  const schema = schemaIn(it)
  const plain = '$ref' in reference // the shared answers all hold the same problem
  return `<dt>${status}</dt><dd>${escape(it['description'] ?? '')}${schema && !plain ? schemaHtml(schema) : ''}</dd>`
}

function schemasHtml(document: OpenApi): string {
  const all = Object.entries((document.components['schemas'] ?? {}) as JsonObject)
  const each = all.map(
    ([name, it]) =>
      `<details id="schema-${escape(name)}"><summary><code>${escape(name)}</code></summary>${schemaHtml(it as JsonObject)}</details>`,
  )
  return `<section id="schemas"><h2>Schemas</h2>${each.join('')}</section>`
}

function schemaHtml(schema: JsonObject): string {
  const text = escape(JSON.stringify(schema, null, 2))
  return `<pre>${text.replaceAll(
    /#\/components\/schemas\/([\w.-]+)/g,
    (_, name: string) => `<a href="#schema-${name}">${name}</a>`,
  )}</pre>`
}

function curl(document: OpenApi, base: string, method: string, path: string, it: Operation): string {
  const parameters = it.parameters.map((one) => resolve(document, one))
  const example = (one: JsonObject): string =>
    textOf(exampleOf((one['schema'] ?? schemaIn(one) ?? {}) as JsonObject, document))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(example(parameters.find((one) => one['name'] === name) ?? {})),
  )
  const asked = parameters
    .filter((one) => one['in'] === 'query' && one['required'] === true)
    .map((one) => `${one['name'] as string}=${encodeURIComponent(example(one))}`)
  const url = quote(`${base}${filled}${asked.length > 0 ? `?${asked.join('&')}` : ''}`)
  const body = schemaIn(it.requestBody)
  const verb = method === 'get' ? '' : ` -X ${method.toUpperCase()}`
  if (body === undefined) return `curl${verb} ${url}`
  const sent = quote(JSON.stringify(exampleOf(body, document)))
  return `curl${verb} ${url} \\\n  -H 'content-type: application/json' \\\n  -d ${sent}`
}

function resolve(document: OpenApi, it: JsonObject): JsonObject {
  const ref = it['$ref']
  if (typeof ref !== 'string') return it
  const [section = '', name = ''] = ref.split('/').slice(2)
  return ((document.components[section] as JsonObject | undefined)?.[name] ?? {}) as JsonObject
}

function schemaIn(it: JsonObject | undefined): JsonObject | undefined {
  const content = Object.values((it?.['content'] ?? {}) as JsonObject)[0] as JsonObject | undefined
  return content?.['schema'] as JsonObject | undefined
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(Array.isArray(value) ? value[0] : value)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function escape(text: Json): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return (text as string).replaceAll(/[&<>"']/g, (it) => entities[it] as string)
}
