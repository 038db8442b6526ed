import { fileURLToPath } from 'node:url'
import { run } from 'dure/run'
import { persistence } from './persistence.ts'
import { sampleData } from './sample-data.ts'
import { shop } from './system.ts'

await run(shop, {
  persistence,
  pages: fileURLToPath(new URL('../page', import.meta.url)),
  prepare: sampleData,
})
