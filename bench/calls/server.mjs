// The callee of the remote cases, a process of its own: `server.mjs KIND`. Answers its parent's questions about its CPU.
import { ownCpu } from '../harness/cpu.mjs'
import { servers } from './servers.mjs'

const [kind] = process.argv.slice(2)
const port = await servers[kind]()
process.on('message', () => process.send({ cpu: ownCpu() }))
process.on('disconnect', () => process.exit(0))
process.send({ port })
