import { run } from 'dure/run'
import { persistence } from './persistence.ts'
import { crm } from './system.ts'

await run(crm, { persistence })
