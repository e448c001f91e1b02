export interface Delivery {
  id: number;
  guid: string;
  event: string;
  action: string | null;
  deliveredAt: string;
  isRedelivery: boolean;
  durationMs: number;
  /** What the receiver answered, 0 when it could not be reached. */
  statusCode: number;
  headers: Record<string, string>;
  payload: string;
  response: string;
}

export interface Hook {
  id: number;
  url: string;
  secret: string | null;
  contentType: "json" | "form";
  events: string[];
  isActive: boolean;
  createdAt: string;
  updatedAt: string;
  deliveries: Delivery[];
}
