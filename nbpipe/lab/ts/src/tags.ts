// The tags that give a cell its place in a pipeline: read and written as plain cell tags.
import { ICellModel } from '@jupyterlab/cells';

export const ROLES = ['parameters', 'imports', 'definitions', 'skip'] as const;

const ROLE_TAGS = new Set<string>([...ROLES, 'pipeline-parameters', 'functions', 'skip-execution', 'serve']);

export function tagsOf(model: ICellModel): string[] {
  const tags = model.getMetadata('tags') as unknown;
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
}

/** Give the tag that gives the cell its role, "" where none does. */
export function roleTag(tags: string[]): string {
  return tags.find(tag => ROLE_TAGS.has(tag) || tag.startsWith('step:')) ?? '';
}

/** Give the tags with another role; those that mean something else stay, in their order. */
export function withRole(tags: string[], role: string): string[] {
  const kept = tags.filter(tag => !ROLE_TAGS.has(tag) && !tag.startsWith('step:'));
  return role ? [...kept, role] : kept;
}

export function setTags(model: ICellModel, tags: string[]): void {
  if (tags.length) {
    model.setMetadata('tags', tags);
  } else {
    model.deleteMetadata('tags');
  }
}
