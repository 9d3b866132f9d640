from mackinder.memo import Memo


def test_what_is_kept_is_not_found_again_and_the_longest_unused_goes_first():
    memo, found = Memo[str](most=2), []

    def find(key):
        found.append(key)
        return key.upper()

    for key in ("a", "b", "a", "c", "a", "b"):
        assert memo.get(key, lambda key=key: find(key)) == key.upper()
    assert found == ["a", "b", "c", "b"]


def test_an_error_is_not_kept():
    memo = Memo[int](most=2)
    for _ in range(2):
        try:
            memo.get("x", lambda: 1 // 0)
        except ZeroDivisionError:
            pass
        else:
            raise AssertionError
    assert memo.get("x", lambda: 7) == 7
