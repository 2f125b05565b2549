//! Nothing is damaged: what cannot be read is refused by line or kept as prose.

use std::time::{Duration, Instant};

use tightship_checklist::{Answer, Checklist};

use crate::{list, refusal};

#[test]
fn a_list_in_the_manner_of_people_is_read() {
    let text = "# Our list\n\n## 🔒 Before a release\n\n\
        - [ ] `DEBUG` is **off** <!-- tightship debug; checks: django/debug-on -->\n\
        - [X] Scans:\n  <!-- tightship scans; kind: sign-off -->\n\
        \x20 - [ ] `bandit -r src/` <!-- tightship bandit; needs: tool --> => nobody ran it\n\
        \x20 - [ ] a plain box\n\n\
        ### After\n\n\
        1. [ ] Somebody looks\n   at the logs <!-- tightship logs; kind: duty; cadence: daily -->\n";
    let list = list(text);
    let items: Vec<_> = list
        .items
        .iter()
        .map(|item| {
            let id = item.binding.id.as_str();
            (
                item.line,
                item.section.as_str(),
                item.text.as_str(),
                id,
                item.is_ticked,
            )
        })
        .collect();
    assert_eq!(
        items,
        [
            (5, "🔒 Before a release", "`DEBUG` is off", "debug", false),
            (6, "🔒 Before a release", "Scans:", "scans", true),
            (
                8,
                "🔒 Before a release",
                "`bandit -r src/`",
                "bandit",
                false
            ),
            (13, "After", "Somebody looks at the logs", "logs", false),
        ]
    );
    assert_eq!(list.items[2].result.as_deref(), Some("nobody ran it"));
    assert_eq!(list.loose[0].text, "a plain box");
}

#[test]
fn what_only_looks_like_a_box_is_prose() {
    let text = "```\n- [ ] fence <!-- tightship a -->\n```\n\n\
        ~~~~md\n- [ ] other fence <!-- tightship a -->\n~~~~\n\n\
        \x20   - [ ] indented <!-- tightship a -->\n\n\
        | | |\n|---|---|\n| - [ ] | cell |\n\n\
        text - [ ] in a line, `- [ ] code <!-- tightship a -->`\n\n\
        <!--\n- [ ] in a comment\n-->\n\n\
        - [y] no mark\n- \\[ ] escaped\n- no box\n";
    let list = list(text);
    assert_eq!((list.items.len(), list.loose.len()), (0, 0), "{list:?}");
    assert_eq!(list.ticked(|_| None), text);
}

#[test]
fn what_is_broken_is_refused_by_its_line() {
    for (text, line, said) in [
        ("- [ ] a\n- [ ] b <!-- tightship b", 2, "not closed"),
        ("- [ ] a\n  <!-- tightship a\n\nprose\n", 2, "not closed"),
        ("\n<!-- tightship a -->\n", 2, "at no box"),
        ("prose <!-- tightship a -->\n", 1, "at no box"),
        ("- plain <!-- tightship a -->\n", 1, "at no box"),
        (
            "- [ ] a <!-- tightship a --> <!-- tightship b -->\n",
            1,
            "second comment",
        ),
        (
            "- [ ] a <!-- tightship a -->\n- [ ] b <!-- tightship a -->\n",
            2,
            "id of line 1",
        ),
        (
            "- [ ] a\n- [ ] b <!-- tightship b; cheks: a/b -->\n",
            2,
            "checks?",
        ),
        ("- [ ] a <!-- tightship a --> and more\n", 1, "only => may"),
        ("- [ ] a <!-- tightship -->\n", 1, "no id"),
    ] {
        let refusal = refusal(text);
        assert_eq!(refusal.line, line, "{text:?}: {refusal}");
        assert!(refusal.reason.contains(said), "{text:?}: {refusal}");
        assert!(
            refusal
                .to_string()
                .starts_with(&format!("LIST.md:{line}: "))
        );
    }
}

#[test]
fn line_ends_and_marks_of_byte_order_stay() {
    let text = "\u{feff}- [ ] one <!-- tightship a --> => old\r\n- [x] two <!-- tightship b -->\r\n\
                - [ ] three <!-- tightship c -->";
    let list = list(text);
    assert_eq!(list.items[0].line, 1);
    let written = list.ticked(|item| {
        Some(Answer {
            ticks: item.binding.id != "b",
            result: format!("said of {}", item.binding.id),
        })
    });
    assert_eq!(
        written,
        "\u{feff}- [x] one <!-- tightship a --> => said of a\r\n\
         - [ ] two <!-- tightship b --> => said of b\r\n\
         - [x] three <!-- tightship c --> => said of c"
    );
}

#[test]
fn a_result_is_text_whatever_it_holds() {
    let list = list("- [ ] one <!-- tightship a -->\n- [ ] two <!-- tightship b -->\n");
    for hostile in [
        "--> <!-- tightship c -->\n- [x] three",
        "<script>alert(1)</script>",
        "![p](http://x/y.png) [l](javascript:x) `c` *e* \\",
        "a\r\nb\u{0}\u{1b}[2Jc",
        &"long ".repeat(1000),
    ] {
        let answer = |_: &_| {
            Some(Answer {
                ticks: false,
                result: hostile.to_owned(),
            })
        };
        let written = list.ticked(answer);
        let again = Checklist::parse("LIST.md", &written).expect("a list");
        assert_eq!(again.items.len(), 2, "{written}");
        assert_eq!(
            again.ticked(answer),
            written,
            "the same again changes nothing"
        );
        assert_eq!(written.lines().count(), 2);
        let tail = written.lines().next().expect("a line");
        let (_, tail) = tail.split_once("-->").expect("a comment");
        assert!(
            !tail.contains(['<', '[', '`', '*', '\u{1b}', '\u{0}']),
            "{tail}"
        );
        assert!(tail.len() < 2500, "{}", tail.len());
    }
}

#[test]
fn large_lists_are_read_in_time() {
    let items: String = (0..50_000)
        .map(|i| format!("- [ ] number {i} <!-- tightship n{i}; checks: django/debug-on -->\n"))
        .collect();
    let lists = "- ".repeat(200_000);
    let quotes = "> ".repeat(200_000);
    let stairs: String = (0..3_000)
        .map(|i| format!("{}- [ ] x\n", " ".repeat(i * 2)))
        .collect();
    let open = "<!-- tightship ".repeat(100_000);
    let comments = "- [ ] <!-- ".repeat(100_000);
    let brackets = "- [ ] [".repeat(100_000);
    for (name, text) in [
        ("items", &items),
        ("lists", &lists),
        ("quotes", &quotes),
        ("stairs", &stairs),
        ("open", &open),
        ("comments", &comments),
        ("brackets", &brackets),
    ] {
        let begin = Instant::now();
        let read = Checklist::parse("LIST.md", text);
        let took = begin.elapsed();
        // Some hundred milliseconds without optimisation; slower than linear would be minutes.
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
        if name == "items" {
            assert_eq!(read.expect("a list").items.len(), 50_000);
        }
    }
}
