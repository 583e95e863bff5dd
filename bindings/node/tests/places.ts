// Where the tests find what the package does not have. BYTESTORE_ROOT is the checkout.

import { join } from 'node:path';

export const ROOT = process.env.BYTESTORE_ROOT ?? join(import.meta.dirname, '../../../..');
export const CONFORMANCE = join(ROOT, 'tests/conformance');
export const HEADER = join(ROOT, 'include/bytestore.h');
