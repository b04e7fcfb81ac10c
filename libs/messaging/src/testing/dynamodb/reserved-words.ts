/**
 * Some of the words that DynamoDB rejects as attribute names in expressions: those that are likely names of attributes.
 * The full list has 573. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
 */
export const reservedWords: ReadonlySet<string> = new Set(
  `action add aggregate all array attribute auth authorization binary block bucket bulk capacity case character check class
  comment commit condition connection consistency count counter current cursor data database date datetime day default
  delete depth description domain duration element end error exists expression file filter format from function general
  global group groups hash hidden hour identity index inner input instance interval item items join key keys language last
  left length level like limit list local location lock map match member method minute mode module month name names next
  none number object offset order owner parameter partition path percent position primary private process public range
  read reference region replace request reserved resource response result return role row rule scan schema scope second
  section security sequence session set shard share size source start state statistics status storage string sum system
  table text time timestamp timezone to token total transaction trigger ttl type types union unique unit update url usage
  use user users uuid value values variable view views when where window with work write year zone`.split(/\s+/),
);
