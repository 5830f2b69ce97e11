/** `npm run build:renderer`: builds the page, fresh or not. */
import { buildPage } from '../src/cli/page.ts';

await buildPage();
