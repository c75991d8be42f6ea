"""Parts of addresses that several areas share; importing this registers them."""

from django.urls import register_converter


class NumberConverter:
    """The number of something stored: never more than a database can hold."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class StudentConverter:
    """What an address calls a student: a public id, or a number as before version 0.4."""

    regex = "[0-9a-f]{1,18}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "number")
register_converter(StudentConverter, "student")
