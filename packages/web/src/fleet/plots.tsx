import { dollars, tokenCount } from "@agent-orchestrator/core/model/text";
import type { Amount } from "./spend.ts";

const WIDTH = 640;
const HEIGHT = 150;
const FOOT = 20;

/** Dollars where anything has a price, or else tokens. */
const measureOf = (amounts: readonly Amount[]): ((amount: Amount) => number) =>
  amounts.some(({ usd }) => usd > 0) ? ({ usd }) => usd : ({ tokens }) => tokens;

const usdText = ({ usd, isPartial }: Amount): string =>
  isPartial ? (usd > 0 ? `≥ ${dollars(usd)}` : "no price") : dollars(usd);

/** A bar for each day. The table below says the same. */
export function DayBars({ days }: { days: readonly Amount[] }) {
  const measure = measureOf(days);
  const most = Math.max(...days.map(measure), 1e-9);
  const step = WIDTH / days.length;
  return (
    <figure class="plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Spending per day. The table has the numbers.">
        <line x1="0" y1={HEIGHT - FOOT} x2={WIDTH} y2={HEIGHT - FOOT} class="axis" />
        {days.map((day, at) => {
          const height = (measure(day) / most) * (HEIGHT - FOOT - 18);
          const x = at * step + step * 0.18;
          return (
            <g key={day.name}>
              <rect x={x} y={HEIGHT - FOOT - height} width={step * 0.64} height={height} rx="2" class="bar" />
              {measure(day) > 0 && (
                <text x={x + step * 0.32} y={HEIGHT - FOOT - height - 5} class="value">
                  {day.usd > 0 ? dollars(day.usd) : tokenCount(day.tokens)}
                </text>
              )}
              <text x={x + step * 0.32} y={HEIGHT - 5} class="label">
                {day.name.slice(5)}
              </text>
            </g>
          );
        })}
      </svg>
      <details>
        <summary>Table</summary>
        <AmountTable title="Day" amounts={days} hasSessions={false} />
      </details>
    </figure>
  );
}

/** Each row has its number and its bar. */
export function AmountTable(props: { title: string; amounts: readonly Amount[]; hasSessions?: boolean }) {
  const { title, amounts, hasSessions = true } = props;
  const measure = measureOf(amounts);
  const most = Math.max(...amounts.map(measure), 1e-9);
  if (amounts.length === 0) return <p class="hint">Nothing was used yet.</p>;
  return (
    <table class="amounts">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" class="share">
            Share
          </th>
          <th scope="col" class="right">
            Cost
          </th>
          <th scope="col" class="right">
            Tokens
          </th>
          {hasSessions && (
            <th scope="col" class="right">
              Sessions
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {amounts.map((amount) => (
          <tr key={amount.name}>
            <th scope="row">{amount.name}</th>
            <td class="share">
              <meter aria-label={`Share of ${amount.name}`} min={0} max={most} value={measure(amount)} />
            </td>
            <td class="right">{usdText(amount)}</td>
            <td class="right">{tokenCount(amount.tokens)}</td>
            {hasSessions && <td class="right">{amount.sessions}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
