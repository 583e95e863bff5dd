// Writes every program of a page into a folder, to be run and to be type-checked, and prints how many there are.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [page, folder] = process.argv.slice(2);
const programs = [...readFileSync(page, 'utf8').matchAll(/^```js\n([^]*?)^```$/gm)].map(([, text]) => text);
programs.forEach((text, index) => {
  writeFileSync(join(folder, `program${index}.mjs`), text);
});
// Plain JavaScript: a parameter that nothing gives a type may be anything.
const options = {
  allowJs: true,
  checkJs: true,
  strict: true,
  noImplicitAny: false,
  noEmit: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
};
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['program*.mjs'] }));
console.log(programs.length);
