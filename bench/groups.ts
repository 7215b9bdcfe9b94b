/** All that there is to run, in the order in which it runs. */

import { group as local } from './local/group.ts';
import { group as remote } from './remote/group.ts';
import { group as savina } from './savina/group.ts';
import type { Group } from './workload.ts';

/** The groups. */
export const groups: readonly Group[] = [local, remote, savina];
