//! Parameters of DHE: how long the prime is, whether others use it, and whether it is safe.

use num_bigint::BigUint;
use ring::digest::{SHA256, digest};
use tightship_model::site::tls::{Auth, DhParameters, Exchange, Suite, Version};

use super::answer::Field;
use super::hello::random;
use super::notes::Notes;

/// SHA-256 of the primes, which RFC 2409 (6), 3526 and 7919 (appendix A) give by formulas. All of them
/// are safe primes.
const PUBLISHED: [(&str, &str); 13] = [
    (
        "RFC 2409 group 1",
        "b52ba6a3026520a6c49d37e4587601801bee500123b3259b6bf03e7cecc3e63d",
    ),
    (
        "RFC 2409 group 2",
        "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0",
    ),
    (
        "RFC 3526 group 5",
        "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b",
    ),
    (
        "RFC 3526 group 14",
        "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e",
    ),
    (
        "RFC 3526 group 15",
        "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c",
    ),
    (
        "RFC 3526 group 16",
        "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33",
    ),
    (
        "RFC 3526 group 17",
        "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd",
    ),
    (
        "RFC 3526 group 18",
        "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf",
    ),
    (
        "RFC 7919 ffdhe2048",
        "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966",
    ),
    (
        "RFC 7919 ffdhe3072",
        "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17",
    ),
    (
        "RFC 7919 ffdhe4096",
        "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e",
    ),
    (
        "RFC 7919 ffdhe6144",
        "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7",
    ),
    (
        "RFC 7919 ffdhe8192",
        "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833",
    ),
];

/// Longer primes than this are not tried: the answer would take seconds and would not matter.
const TRIED_BITS: u64 = 4096;

/// The parameters of DHE, from what was told on the way, oldest version first. Servers choose others for
/// suites with EXPORT in their names and for those without certificates, so that each kind is read apart.
pub(super) async fn look(notes: &[(Version, Notes)]) -> Vec<DhParameters> {
    let mut found: Vec<DhParameters> = Vec::new();
    for (export, anonymous) in [(false, false), (false, true), (true, false), (true, true)] {
        let wanted = |suite: &Suite| {
            suite.exchange == Exchange::Dhe
                && suite.auth != Auth::Shared
                && suite.export == export
                && (suite.auth == Auth::Anonymous) == anonymous
        };
        let newest = notes
            .iter()
            .rev()
            .find_map(|(_, notes)| notes.field(wanted));
        let Some(field) = newest.cloned() else {
            continue;
        };
        // A long prime keeps a processor busy for a while, and others wait for this thread.
        let judged = tokio::task::spawn_blocking(move || parameters(&field, export)).await;
        found.extend(judged.ok().filter(|new| !found.contains(new)));
    }
    found
}

fn parameters(field: &Field, export: bool) -> DhParameters {
    let number = BigUint::from_bytes_be(&field.prime);
    let bytes = number.to_bytes_be();
    let published = published(&bytes);
    let is_tried = published.is_none() && number.bits() <= TRIED_BITS;
    let composite = is_tried && !is_prime(&number);
    DhParameters {
        bits: u32::try_from(number.bits()).unwrap_or(u32::MAX),
        safe: match published {
            Some(_) => Some(true),
            None if !is_tried => None,
            None => Some(!composite && is_prime(&(&number >> 1_u8))),
        },
        composite,
        small_order: is_tried && !composite && has_small_order(&field.generator, &number),
        prime: hex(&bytes),
        published: published.map(str::to_owned),
        export,
    }
}

/// Whether the order of a number has no prime power above 1024: then logarithms to it are put together
/// from small ones (Pohlig and Hellman, 1978).
fn has_small_order(generator: &[u8], prime: &BigUint) -> bool {
    const LARGEST: u32 = 1024;
    let generator = BigUint::from_bytes_be(generator);
    if &generator % prime <= BigUint::from(1_u8) {
        return true;
    }
    let is_prime = |number: &u32| !(2..*number).any(|divisor| number.is_multiple_of(divisor));
    let all = (2..=LARGEST).filter(is_prime).map(|prime| {
        // The highest power below the limit.
        prime.pow(LARGEST.ilog(prime))
    });
    let order = all.fold(BigUint::from(1_u8), |product, power| product * power);
    generator.modpow(&order, prime) == BigUint::from(1_u8)
}

fn published(prime: &[u8]) -> Option<&'static str> {
    let hash = hex(digest(&SHA256, prime).as_ref());
    let (name, _) = PUBLISHED.iter().find(|(_, known)| *known == hash)?;
    Some(name)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Miller and Rabin's test with bases that the server cannot foresee: a composite passes one in
/// 4^ROUNDS times.
fn is_prime(number: &BigUint) -> bool {
    const ROUNDS: usize = 12;
    const SMALL: [u32; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    let one = BigUint::from(1_u8);
    if number <= &one {
        return false;
    }
    for small in SMALL {
        let small = BigUint::from(small);
        if *number == small {
            return true;
        }
        if (number % &small) == BigUint::ZERO {
            return false;
        }
    }
    let minus_one = number - &one;
    let twos = minus_one.trailing_zeros().unwrap_or(0);
    let odd = &minus_one >> twos;
    (0..ROUNDS).all(|_| {
        let base = BigUint::from_bytes_be(&random()) % &minus_one;
        if base <= one {
            return true;
        }
        let mut power = base.modpow(&odd, number);
        if power == one || power == minus_one {
            return true;
        }
        for _ in 1..twos {
            power = power.modpow(&BigUint::from(2_u8), number);
            if power == minus_one {
                return true;
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_told_from_composites() {
        let prime = |text: &str| is_prime(&text.parse().expect("a number"));
        // 2^127 - 1 is prime, 2^67 - 1 is not; 3215031751 is a strong pseudoprime to 2, 3, 5 and 7.
        assert!(prime("170141183460469231731687303715884105727"));
        assert!(!prime("147573952589676412927"));
        assert!(!prime("3215031751"));
        assert!(prime("2") && prime("37") && !prime("1") && !prime("0"));
    }

    fn of(prime: &[u8], generator: u8) -> DhParameters {
        let field = Field {
            prime: prime.to_vec(),
            generator: vec![generator],
        };
        parameters(&field, false)
    }

    #[test]
    fn safety_is_about_both_primes() {
        // 23 = 2·11 + 1; of 29 the half is 14.
        assert_eq!(of(&[0, 23], 5).safe, Some(true));
        assert_eq!(of(&[29], 2).safe, Some(false));
        assert_eq!(of(&[0, 23], 5).bits, 5);
        assert_eq!(of(&[0xff; 600], 2).safe, None);
        assert!(!of(&[29], 2).composite && of(&[33], 2).composite);
    }

    #[test]
    fn small_orders_are_those_of_small_factors() {
        let prime = |text: &str| -> BigUint { text.parse().expect("a number") };
        // 2^127 - 1: 2 is of order 127; 3 of one with the factor 77158673929.
        let mersenne = prime("170141183460469231731687303715884105727");
        assert!(has_small_order(&[2], &mersenne));
        assert!(!has_small_order(&[3], &mersenne));
        assert!(has_small_order(&[1], &mersenne));
        let last = (&mersenne - 1_u8).to_bytes_be();
        assert!(has_small_order(&last, &mersenne));
    }
}
