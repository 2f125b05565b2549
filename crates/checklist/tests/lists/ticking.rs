//! Writing answers changes boxes and what stands behind `=>`, and nothing else.

use proptest::prelude::*;
use tightship_checklist::{Answer, Checklist};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn only_boxes_and_results_change(
        parts in prop::collection::vec(part(), 0..12),
        ends in prop::sample::select(vec!["\n", "\r\n"]),
        ticks in any::<u64>(),
        result in "\\PC{0,40}",
    ) {
        let text = document(&parts, ends);
        let Ok(list) = Checklist::parse("LIST.md", &text) else {
            return Err(TestCaseError::reject("broken on purpose"));
        };
        let answer = |item: &tightship_checklist::Item| {
            let bit = item.line % 64;
            (!bit.is_multiple_of(5)).then(|| Answer { ticks: ticks >> bit & 1 == 1, result: result.clone() })
        };
        let written = list.ticked(answer);
        prop_assert_eq!(kept(&written, &list), kept(&text, &list));
        let again = Checklist::parse("LIST.md", &written).expect("still a list");
        prop_assert_eq!(again.ticked(answer), written, "a second time changes nothing");
        for (old, new) in list.items.iter().zip(&again.items) {
            prop_assert_eq!(&old.binding, &new.binding);
            match answer(old) {
                Some(answer) => prop_assert_eq!(new.is_ticked, answer.ticks),
                None => prop_assert_eq!(new.is_ticked, old.is_ticked),
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-*> \\[\\]x`~<!a|#\n\r\t1.)tigh;:=]{0,200}") {
        if let Ok(list) = Checklist::parse("LIST.md", &text) {
            prop_assert_eq!(list.ticked(|_| None), text);
        }
    }
}

/// Pieces of Markdown, some of which break each other.
fn part() -> impl Strategy<Value = String> {
    let item = (
        0usize..3,
        prop::bool::ANY,
        "[a-z `*_=>&é🔒]{1,20}",
        prop::bool::ANY,
        ".{0,12}",
    );
    prop_oneof![
        6 => item.prop_map(|(depth, ticked, words, below, result)| {
            let indent = "  ".repeat(depth);
            let mark = if ticked { 'x' } else { ' ' };
            let place = if below { format!("\n{indent}  ") } else { " ".to_owned() };
            let result = match result.as_str() {
                "" => String::new(),
                words => format!(" => {}", words.replace(['\n', '\r'], " ")),
            };
            format!("{indent}- [{mark}] {words}{place}<!-- tightship ID; checks: a/b -->{result}")
        }),
        1 => Just("- [ ] a box of its own".to_owned()),
        1 => Just("```\n- [ ] code <!-- tightship x -->\n```".to_owned()),
        1 => Just("| - [ ] | => |\n|---|---|".to_owned()),
        1 => Just("<div>\n- [ ] in HTML\n</div>\n".to_owned()),
        2 => "[ \\-#>*`a-z<!=\\[\\]\n]{0,40}",
    ]
}

fn document(parts: &[String], ends: &str) -> String {
    let mut text = String::new();
    for (number, part) in parts.iter().enumerate() {
        text.push_str(&part.replace("ID", &format!("id{number}")));
        text.push('\n');
    }
    text.replace('\n', ends)
}

/// What must stay: the lines, with boxes of bound items and what stands behind their comments left
/// out. Written without the parser: by lines and the end of a comment.
fn kept(text: &str, list: &Checklist) -> Vec<String> {
    let lines: Vec<_> = text.split('\n').collect();
    let mut kept: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    for item in &list.items {
        let own = &mut kept[item.line - 1];
        let open = own.find('[').expect("a box");
        own.replace_range(open + 1..open + 2, "?");
        let end = (item.line - 1..lines.len())
            .find(|at| lines[*at].contains("<!-- tightship"))
            .expect("a comment");
        let line = &mut kept[end];
        // The second is a box in a fence, which an unclosed fence before it turns inside out.
        let after = ["checks: a/b -->", "<!-- tightship x -->"]
            .iter()
            .find_map(|comment| Some(line.rfind(comment)? + comment.len()))
            .expect("its end");
        let has_return = line.ends_with('\r');
        line.truncate(after);
        if has_return {
            line.push('\r');
        }
    }
    kept
}
