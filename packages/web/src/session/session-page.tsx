export function SessionPage({ id }: { id: string; tab: string | null }) {
  return (
    <main id="main" class="page">
      {id}
    </main>
  );
}
