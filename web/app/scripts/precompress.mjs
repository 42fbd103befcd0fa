// Compresses every built file, beside the original; the service sends the best form.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const COMPRESSIBLE = /\.(js|css|html|svg|json|webmanifest)$/;
const [folder] = process.argv.slice(2);

const forms = {
  br: (content) =>
    brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  gz: (content) => gzipSync(content, { level: constants.Z_BEST_COMPRESSION }),
};

for (const name of readdirSync(folder, { recursive: true })) {
  if (!COMPRESSIBLE.test(name)) continue;
  const content = readFileSync(join(folder, name));
  for (const [ending, compress] of Object.entries(forms)) {
    const compressed = compress(content);
    // The smallest files become larger.
    if (compressed.length < content.length) {
      writeFileSync(join(folder, `${name}.${ending}`), compressed);
    }
  }
}
