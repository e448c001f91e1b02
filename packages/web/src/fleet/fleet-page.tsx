export function FleetPage() {
  return <main id="main" class="page" />;
}
