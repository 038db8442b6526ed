import { paintFor } from './paint.ts'
import { runCli } from './run-cli.ts'

/** Runs the command line of this process, and ends the process when it has its answer. */
export async function runShell(): Promise<void> {
  // A reader that has seen enough (`dure model | head`) closes the pipe; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const code = await runCli(process.argv.slice(2), {
    cwd: process.cwd(),
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: paintFor(process.stdout),
    paintError: paintFor(process.stderr),
  })
  // The modules of the user's program may hold the process open; the answer is given, so it ends when it is written.
  if (code !== undefined) process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}
