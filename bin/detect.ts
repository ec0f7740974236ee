import { runDetect } from './detect/detect.ts';

// `detect … | head` closes the pipe early: that is the reader's right and no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const streams = { input: process.stdin, output: process.stdout, errors: process.stderr };
process.exitCode = await runDetect(process.argv.slice(2), streams);
