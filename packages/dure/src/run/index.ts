export { run, type RunOptions, type Running } from './run.ts'
export { storageFromConfig } from './storage-from-config.ts'
