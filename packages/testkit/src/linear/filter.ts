type Bag = Readonly<Record<string, unknown>>;

const isBag = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Whether a record fits one of Linear's filters, by the members of the same names. A member that the records of these tests don't have is
 * an error, so that no query passes because a filter was ignored.
 */
export function fits(value: unknown, filter: Bag): boolean {
  if (Array.isArray(value)) return fitsCollection(value, filter);
  if (isBag(value) || value === null) return fitsRecord(value, filter);
  return Object.entries(filter).every(([operator, wanted]) => compare(value, operator, wanted));
}

function fitsRecord(record: Bag | null, filter: Bag): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    if (key === "and") return (wanted as Bag[]).every((one) => fits(record, one));
    if (key === "or") return (wanted as Bag[]).some((one) => fits(record, one));
    if (key === "null") return (record === null) === wanted;
    if (record === null) return !isBag(wanted) ? compare(null, key, wanted) : false;
    const member = record[key];
    if (member === undefined) throw new Error(`the Linear of the tests can't filter by \`${key}\``);
    return fits(member, wanted as Bag);
  });
}

function fitsCollection(items: readonly unknown[], filter: Bag): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    if (key === "and") return (wanted as Bag[]).every((one) => fitsCollection(items, one));
    if (key === "or") return (wanted as Bag[]).some((one) => fitsCollection(items, one));
    if (key === "some") return items.some((item) => fits(item, wanted as Bag));
    if (key === "every") return items.every((item) => fits(item, wanted as Bag));
    if (key === "length") return fits(items.length, wanted as Bag);
    return items.some((item) => fits(item, { [key]: wanted }));
  });
}

function compare(value: unknown, operator: string, wanted: unknown): boolean {
  const text = (one: unknown) => String(one).toLowerCase();
  const list = Array.isArray(wanted) ? wanted : [wanted];
  switch (operator) {
    case "eq":
    case "in":
      return list.includes(value);
    case "neq":
    case "nin":
      return !list.includes(value);
    case "eqIgnoreCase":
      return text(value) === text(wanted);
    case "containsIgnoreCase":
      return text(value).includes(text(wanted));
    case "contains":
      return String(value).includes(String(wanted));
    case "startsWith":
      return String(value).startsWith(String(wanted));
    case "null":
      return (value === null) === wanted;
    case "gt":
      return Number(value) > Number(wanted);
    case "lt":
      return Number(value) < Number(wanted);
    default:
      throw new Error(`the Linear of the tests can't compare with \`${operator}\``);
  }
}
