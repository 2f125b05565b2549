use proptest::prelude::*;

use super::*;

const NAMES: [&str; 3] = ["harbour", "Shop_DB", "postgres"];

#[test]
fn ten_thousand_passwords_take_the_guesses_that_zxcvbn_says() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let known = Known::new(NAMES, i64::try_from(now.unwrap().as_secs()).unwrap());
    let mut weak = 0;
    let mut compare = |password: &str| {
        let theirs = zxcvbn::zxcvbn(password, &NAMES).guesses().min(STRONG);
        assert_eq!(guesses(password, &known), theirs, "{password:?}");
        weak += usize::from(theirs < STRONG);
    };
    let words = include_str!("words.txt").lines().step_by(130);
    for (at, line) in words.enumerate() {
        let (word, _) = line.split_once(' ').unwrap();
        let other = ["harbour", "summer", "qwerty", "x9"][at % 4];
        let capital = word[..1].to_uppercase() + &word[1..];
        compare(word);
        compare(&format!("{capital}{}", 1990 + at % 60));
        compare(&format!("{other}{word}"));
        compare(&format!("{word}-{}!", at % 97));
        compare(&word.chars().rev().collect::<String>());
        compare(&word.to_uppercase());
        compare(&word.repeat(2 + at % 2));
        compare(
            &word
                .replace('a', "@")
                .replace('e', "3")
                .replace('l', "1")
                .replace('s', "5"),
        );
        compare(
            &capital
                .replace('o', "0")
                .replace('i', "1")
                .replace('t', "7"),
        );
        compare(&format!("{}{}", 100 + at % 900, word));
        compare(&format!("{word}{}", at * 7919 % 1_000_000));
    }
    for password in ODD {
        compare(password);
    }
    assert!(weak > 5_000, "{weak} of them are weak");
}

const ODD: [&str; 36] = [
    "",
    "a",
    "Q",
    "ä",
    "aaaaaaaa",
    "abcabcabcabc",
    "aabaabaabaab",
    "ab\nab\nab",
    "aabbccddeeff",
    "abcdefghijkl",
    "zyxwvu987654",
    "97531bdfhj",
    "qwertyuiop",
    "QWERTYuiop[]",
    "1qaz2wsx3edc",
    "!QAZ@WSX",
    "aoeuidhtns",
    "';qjkxbmwv",
    "789456123",
    "147258369",
    "=/*789-",
    "13.9.1987",
    "1987/09/13",
    "13 9 1987",
    "13-9/1987",
    "13091987",
    "1391987",
    "311299",
    "shop2024shop",
    "20242024",
    "pa55w0rd",
    "P4$$w0rd!",
    "7|1!|17+7",
    "drowssap",
    "HARBOUR2023",
    "c2f9a7e4b1d80653",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_password_takes_the_guesses_that_zxcvbn_says(
        password in prop_oneof![
            "[ -~]{0,12}",
            "[a-c1-3@!]{0,24}",
            "[0-9./-]{3,14}",
            "(pass|word|Shop|1|4|@|2024|qwe|lol){1,4}",
            "[asdfjkl;ASDF!@#7890]{3,12}",
            "[a-zäßéλΩ€\n]{0,9}",
        ]
    ) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let known = Known::new(NAMES, i64::try_from(now.unwrap().as_secs()).unwrap());
        let theirs = zxcvbn::zxcvbn(&password, &NAMES).guesses().min(STRONG);
        prop_assert_eq!(guesses(&password, &known), theirs);
    }
}
