// Loaded before the program that `dure dev` runs. The channel to `dure dev` closes with it, however it ends; the program
// then stops as on a signal, and nothing is left behind. The channel itself keeps nothing alive.
if (process.connected) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}
