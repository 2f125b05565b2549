//! Names and passwords that nobody has, made up anew for each look.

use ring::rand::{SecureRandom as _, SystemRandom};

/// An account. Both `.invalid` and what stands before it are nobody's (RFC 2606, section 2); it is an
/// address because some logins take nothing else.
pub(super) fn account() -> String {
    format!("tightship-{}@forged.invalid", hex(6))
}

/// A password that passes for one.
pub(super) fn password() -> String {
    format!("Wrong-{}!", hex(10))
}

/// An address that is no visitor's: of 192.88.99.0/24, which RFC 7526 took out of use. Those that
/// are reserved for documentation are passed over by programs that look for the visitor.
pub(super) fn address() -> String {
    let byte = random::<1>()[0];
    format!("192.88.99.{}", byte.clamp(1, 254))
}

fn hex(bytes: usize) -> String {
    let random = random::<16>();
    let bytes = random.iter().take(bytes);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness the name is the same each time, and still nobody's.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes
}
