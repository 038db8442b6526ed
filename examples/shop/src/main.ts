import { fileURLToPath } from 'node:url'
import { run } from 'dure/run'
import { sampleData } from './sample-data.ts'
import { shop } from './system.ts'

await run(shop, {
  pages: fileURLToPath(new URL('../page', import.meta.url)),
  prepare: sampleData,
})
