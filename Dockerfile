# A small image with nothing but the binary, linked statically against musl.
#
#   docker build --tag tightship .
#   docker run --rm --volume "$PWD:/project:ro" tightship check

# The version is that of rust-toolchain.toml.
FROM rust:1.95.0-alpine AS build
# A linker, and a C compiler for the few pieces that are no Rust.
RUN apk add --no-cache gcc musl-dev
WORKDIR /build
COPY . .
# The image's own toolchain, and nothing fetched for rust-toolchain.toml.
ENV RUSTUP_TOOLCHAIN=1.95.0
RUN cargo build --release --locked --package tightship

FROM scratch
COPY --from=build /build/target/release/tightship /usr/local/bin/tightship
ENV PATH=/usr/local/bin
# It writes nothing and asks for no rights.
USER 65534:65534
WORKDIR /project
ENTRYPOINT ["tightship"]
CMD ["check"]
