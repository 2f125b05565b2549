//! What the TLS server at an address accepts, asked by raw records where no library speaks.
