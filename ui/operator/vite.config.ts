import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // Whatever NODE_ENV says, as it does under a test: the development's calls carry the sources' paths on this machine.
  oxc: { jsx: { development: false } },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', sourcemap: false },
});
