/** The image for projects that name none: what agents and their hooks take for granted, and nothing of an agent. */
export const DEFAULT_DOCKERFILE = `FROM debian:bookworm-slim
RUN apt-get update \\
 && apt-get install -y --no-install-recommends ca-certificates curl git less nodejs npm openssh-client procps ripgrep tmux \\
 && rm -rf /var/lib/apt/lists/*
`;
