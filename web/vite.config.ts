import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

// One artefact, dist/index.html: `mackinder serve` sends it as it is, the report writer puts a run into it.
export default defineConfig({
  base: './',
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  build: { outDir: 'dist', target: 'es2022', chunkSizeWarningLimit: 4000, reportCompressedSize: false },
});
