package wanvae.video.source;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The names of a folder's pictures as a numbered sequence: most of them differ only in one number.
 *
 * @param names   names of the sequence, ordered by number
 * @param numbers the number in each of these names
 * @param foreign names that do not belong to the sequence
 */
record SequenceNames(List<String> names, List<BigInteger> numbers, List<String> foreign) {
    private static final Pattern DIGITS = Pattern.compile("\\d+");
    /** The most names and gaps that a note lists. */
    private static final int LISTED = 3;

    /** The sequence in these names. It has no numbers if the names do not differ in exactly one. */
    static SequenceNames of(List<String> all) {
        Map<String, List<String>> kinds = new LinkedHashMap<>();
        for (String name : all)
            kinds.computeIfAbsent(DIGITS.matcher(name).replaceAll("#"), kind -> new ArrayList<>())
                    .add(name);
        List<String> names =
                kinds.values().stream().max(Comparator.comparingInt(List::size)).orElse(List.of());
        if (names.size() < 2) return new SequenceNames(List.of(), List.of(), List.of());
        List<String> foreign = new ArrayList<>(all);
        foreign.removeAll(names);
        int place = varying(names);
        if (place < 0) return new SequenceNames(names, List.of(), foreign);
        List<String> sorted = new ArrayList<>(names);
        sorted.sort(Comparator.comparing(name -> number(name, place)));
        return new SequenceNames(
                sorted, sorted.stream().map(name -> number(name, place)).toList(), foreign);
    }

    /** The index of the only number that differs between the names; -1 if there is none. */
    private static int varying(List<String> names) {
        int found = -1;
        for (int i = 0; i < DIGITS.matcher(names.getFirst()).results().count(); i++) {
            int place = i;
            if (names.stream().map(name -> number(name, place)).distinct().count() == 1) continue;
            if (found >= 0) return -1;
            found = i;
        }
        return found;
    }

    private static BigInteger number(String name, int place) {
        return new BigInteger(DIGITS.matcher(name)
                .results()
                .skip(place)
                .findFirst()
                .map(MatchResult::group)
                .orElseThrow());
    }

    /** What a user should know about a clip of these pictures. */
    List<String> notes(String where) {
        List<String> notes = new ArrayList<>();
        if (!foreign.isEmpty())
            notes.add(where + ": the clip has " + (foreign.size() == 1 ? "a picture" : foreign.size() + " pictures")
                    + " not named like " + names.getFirst() + ": " + list(foreign));
        List<String> gaps = new ArrayList<>();
        for (int i = 1; i < numbers.size(); i++) {
            BigInteger first = numbers.get(i - 1).add(BigInteger.ONE);
            BigInteger last = numbers.get(i).subtract(BigInteger.ONE);
            int order = first.compareTo(last);
            if (order <= 0) gaps.add(order == 0 ? first.toString() : first + " to " + last);
        }
        if (!gaps.isEmpty())
            notes.add(where + ": between " + names.getFirst() + " and " + names.getLast() + " the clip goes on without "
                    + "pictures that are missing: " + list(gaps));
        return notes;
    }

    private static String list(List<String> items) {
        String listed = String.join(", ", items.subList(0, Math.min(LISTED, items.size())));
        return items.size() > LISTED ? listed + " and " + (items.size() - LISTED) + " more" : listed;
    }
}
