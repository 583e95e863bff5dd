"""Every status is an exception of its own, with the library's name and advice."""

import pytest

import bytestore
from bytestore import ByteStoreError, _abi
from bytestore._errors import BY_CODE, check

BUILTIN = {
    "invalid_argument": ValueError,
    "closed_handle": ValueError,
    "out_of_memory": MemoryError,
    "over_limit": Exception,
    "remote_failure": ConnectionError,
    "internal_error": RuntimeError,
    "io_failure": OSError,
    "bad_snapshot": ValueError,
    "unsupported": Exception,
}
CODES = {name: value for name, value in vars(_abi).items() if name.startswith("ERR_")}


def test_ok_is_no_error() -> None:
    check(_abi.OK)


def test_every_status_has_its_exception() -> None:
    assert set(BY_CODE) == set(CODES.values())
    assert {error.name for error in BY_CODE.values()} == set(BUILTIN)
    assert {error.__name__ for error in BY_CODE.values()} < set(bytestore.__all__)


@pytest.mark.parametrize("code", CODES.values())
def test_what_it_says(code: int) -> None:
    advice = _abi.library.bytestore_status_message(code).decode()
    with pytest.raises(ByteStoreError) as caught:
        check(code)
    error = caught.value
    assert (error.code, error.name) == (code, _abi.library.bytestore_status_name(code).decode())
    assert isinstance(error, BUILTIN[error.name])
    assert advice
    assert str(error) == advice
    with pytest.raises(type(error)) as detailed:
        check(code, "this key")
    assert str(detailed.value) == f"this key: {advice}"


def test_a_status_of_a_newer_library() -> None:
    with pytest.raises(ByteStoreError) as caught:
        check(99)
    assert (type(caught.value), caught.value.code, caught.value.name) == (ByteStoreError, 99, "unknown")
    assert ByteStoreError.code == -1
